/** Goal: a topic's name says whose it is and what it is about, and no other name is taken for one. */
import t from 'tap'
import { kioskTopic, kioskTopicNames, parseKioskTopic } from '../../src/mqtt/topics.ts'

t.test('every topic is read as it was written', async t => {
  for (const name of kioskTopicNames)
    t.same(parseKioskTopic(kioskTopic('kiosk-0001', name)), { kiosk: 'kiosk-0001', name })
})

t.test('others are none', async t => {
  for (const topic of [
    'tunggal/1/kiosk/kiosk-0001/config',
    'tunggal/1/kiosk/kiosk-0001/config/desired/more',
    'tunggal/1/kiosk/kiosk-0001/receipt/more',
    'tunggal/1/kiosk/kiosk-0001',
    'tunggal/1/kiosk/Kiosk/receipt',
    'tunggal/1/abis/kiosk-0001/receipt',
    'tunggal/2/kiosk/kiosk-0001/receipt',
    '',
  ])
    t.equal(parseKioskTopic(topic), undefined, topic)
})
