/**
 * Goal: a board's device tree is as its kiosk needs it.
 * Method: a tree that dtc compiles, changed and read back; what is changed for a Raspberry Pi 4 on a tree of its names.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { editTree } from '../../../firmware/image/device-tree.ts'
import { run } from '../../../firmware/image/run.ts'
import { variants } from '../../../firmware/image/variants.ts'

/** As Debian's kernel 6.1 has them, as far as they are changed. */
const SOURCE = `/dts-v1/;
/ {
  aliases { serial0 = "/soc/serial@7e201000"; };
  chosen { stdout-path = "serial1:115200n8"; };
  soc {
    gpio@7e200000 { uart0_gpio14 { brcm,pins = <14 15>; }; };
    serial@7e201000 { status = "okay"; pinctrl-0 = <8 9>; uart-has-rtscts; bluetooth { max-speed = <2000000>; }; };
    serial@7e215040 { status = "okay"; };
  };
};
`

async function compiled(t: Test): Promise<string> {
  const folder = t.testdir({})
  const [source, tree] = [join(folder, 'a.dts'), join(folder, 'a.dtb')]
  await writeFile(source, SOURCE)
  await run('dtc', ['-q', '-I', 'dts', '-O', 'dtb', '-o', tree, source])
  return tree
}

t.test(
  'on a Raspberry Pi 4 the UART that Bluetooth had is on the header, and its I2C bus is number 1',
  async t => {
    const tree = await compiled(t)
    await editTree(tree, variants['raspberry-pi-4'].treeEdits)
    const get = async (...words: string[]) => (await run('fdtget', [tree, ...words])).trim()
    const pins = await get('/soc/gpio@7e200000/uart0_gpio14', 'phandle')
    t.equal(await get('/soc/serial@7e201000', 'pinctrl-0'), pins)
    t.equal(await get('/soc/serial@7e215040', 'status'), 'disabled')
    t.equal((await run('fdtget', ['-p', tree, '/soc/serial@7e201000'])).trim(), 'status\npinctrl-0')
    t.equal((await run('fdtget', ['-l', tree, '/soc/serial@7e201000'])).trim(), '')
    t.equal((await run('fdtget', ['-p', tree, '/chosen'])).trim(), '')
    t.equal(await get('/aliases', 'i2c1'), '/soc/i2c@7e804000')
  },
)

t.test('a tree that it does not fit is refused', async t => {
  const tree = await compiled(t)
  await t.rejects(editTree(tree, [{ node: '/soc/serial@1', removeProperty: 'status' }]))
  await t.rejects(editTree(tree, [{ removeNode: '/soc/serial@1' }]))
})
