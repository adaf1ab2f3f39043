/** Goal: an image whose kernel cannot drive a part is not built. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { requireModules } from '../../../firmware/image/kernel-modules.ts'

const modules: Readonly<Record<string, string>> = {
  'drivers/gpu/drm/vc4/vc4.ko': 'drm_kms_helper,cec,snd-soc-core',
  'drivers/gpu/drm/drm_kms_helper.ko': '',
  'sound/soc/snd-soc-core.ko': 'snd',
  'drivers/usb/class/usblp.ko': '',
}

async function treeWith(root: string, names: readonly string[]): Promise<string> {
  const folder = join(root, 'usr/lib/modules/6.1.0-arm64')
  await mkdir(join(folder, 'kernel'), { recursive: true })
  await writeFile(join(folder, 'modules.builtin'), 'kernel/sound/core/snd.ko\n')
  for (const name of names) {
    const file = join(folder, 'kernel', name)
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(file, `\x7fELF\0license=GPL\0depends=${modules[name] ?? ''}\0intree=Y\0`)
  }
  return root
}

t.test('a module, and what it depends on, has to be there or built in', async t => {
  const cec = 'drivers/media/cec/core/cec.ko'
  const whole = await treeWith(t.testdir(), [...Object.keys(modules), cec])
  await requireModules(whole, ['vc4', 'usblp', 'snd_soc_core'])
  await t.rejects(requireModules(whole, ['usblp', 'snd_usb_audio']), {
    message: 'the kernel has no module snd_usb_audio, which a kiosk needs',
  })
})

t.test('one that lacks what it depends on is none', async t => {
  const root = await treeWith(t.testdir(), Object.keys(modules))
  await t.rejects(requireModules(root, ['vc4']), { message: 'the kernel has no module cec, which vc4 needs' })
  await requireModules(root, ['usblp'])
})
