/** Goal: U-Boot, the running slot and RAUC keep the slots' tries in one place, and it is not where U-Boot keeps its own. */
import t from 'tap'
import { bootScript, VARIABLES_BYTES, variablesConfig } from '../../../firmware/image/u-boot.ts'
import { type Variant, variants } from '../../../firmware/image/variants.ts'

for (const [name, variant] of Object.entries<Variant>(variants)) {
  const { file, copy } = variant.slotVariables

  t.test(`${name}: the script reads and writes what the slot writes`, async t => {
    const script = bootScript(variant)
    for (const each of [file, copy]) {
      t.match(script, new RegExp(`load \\S+ \\S+:1 \\S+ ${each} `))
      t.match(script, new RegExp(`fatwrite \\S+ \\S+:1 \\S+ ${each} 0x4000`))
    }
    t.equal(variablesConfig(variant), `/boot/firmware/${file} 0x0000 0x4000\n`)
    t.equal(VARIABLES_BYTES, 0x4000)
  })

  t.test(`${name}: U-Boot's own variables are in another file`, async t => {
    if (variant.uBoot === undefined) return t.equal(file, 'uboot.env', 'as on cards from before')
    t.notOk([file, copy].includes('uboot.env'))
    t.equal(variant.uBoot.bootdelay, '-2', 'nobody can stop it')
    t.match(variant.uBoot.bootcmd, /boot\.scr/)
  })
}
