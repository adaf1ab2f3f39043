/**
 * Writes the documents that say again what the code says: `docs/CONFIG.md` and `docs/config.schema.json`
 * from the settings schema, `docs/ERRORS.md` from the catalogue of errors, `hal/board/board.schema.json` from the drivers. `test/docs.test.ts` fails while they differ.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { boardJsonSchema } from '../hal/board/board.ts'
import { errorCatalogue } from '../src/base/errors.ts'
import { settingsJsonSchema } from '../src/settings/settings.ts'

type Node = Readonly<Record<string, unknown>>

/** Path from the repository's root → what the file must hold. */
export function generatedDocs(): Readonly<Record<string, string>> {
  return {
    'docs/CONFIG.md': configMarkdown(),
    'docs/config.schema.json': `${JSON.stringify(settingsJsonSchema(), null, 2)}\n`,
    'docs/ERRORS.md': errorsMarkdown(),
    'hal/board/board.schema.json': `${JSON.stringify(boardJsonSchema(), null, 2)}\n`,
  }
}

function configMarkdown(): string {
  const topics = Object.entries(settingsJsonSchema().properties as Record<string, Node>)
  const sections = topics.map(([topic, node]) => {
    const rows = Object.entries(node.properties as Record<string, Node>).map(([name, setting]) => {
      const fallback = setting.default === undefined ? '-' : `\`${JSON.stringify(setting.default)}\``
      const restart = setting.restart ?? '-'
      const secret = setting.secret === true ? " Secret: only in the kiosk's own file." : ''
      return `| \`${topic}.${name}\` | ${kindOf(setting)} | ${fallback} | ${restart} | ${cell(setting.description)}${secret} |`
    })
    return `## ${topic}\n${node.description}\n\n| setting | value | default | restart | what it does |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
  })
  return `# Settings

Generated from \`src/settings\` by \`npm run docs\`: change it there. A settings file is JSON with one object a topic;
what it does not name keeps its default, and a name that is not listed here is refused. \`tunggal config check FILE\`
says what is wrong with a file, \`tunggal config schema\` prints the same as JSON Schema for an editor.
"Restart": what a running kiosk starts again by itself to take a new value: nothing (-), the part that the topic is about,
or its whole runtime. It does so when nobody is at it. How operations change settings from afar: [CONFIGURE.md](CONFIGURE.md).

${sections.join('\n')}`
}

/** What may stand there, in a few words. */
function kindOf(setting: Node): string {
  const unit = typeof setting.unit === 'string' ? ` ${setting.unit}` : ''
  if (Array.isArray(setting.enum)) return setting.enum.map(value => `\`${value}\``).join(' or ')
  switch (setting.type) {
    case 'integer':
    case 'number':
      return `${setting.minimum} to ${setting.maximum}${unit}`
    case 'array':
      return `list of ${kindOf(setting.items as Node)}`
    case 'string':
      return setting.pattern === undefined
        ? `text, at most ${setting.maxLength} characters`
        : `text like \`${cell(setting.pattern)}\``
    default:
      return 'true or false'
  }
}

/** A pipe would end the table's cell. */
function cell(text: unknown): string {
  return String(text).replaceAll('|', '\\|')
}

function errorsMarkdown(): string {
  const rows = Object.entries(errorCatalogue).map(
    ([code, { retry, summary }]) => `| \`${code}\` | ${retry} | ${summary} |`,
  )
  return `# Errors

Generated from \`src/base/errors.ts\` by \`npm run docs\`: change it there. The code is the contract and stays; the
sentence may be reworded. "Retry" says whether the same call may succeed: \`now\`, \`later\` (when the cause is gone)
or \`never\` (something must change first).

| code | retry | what happened |
|---|---|---|
${rows.join('\n')}
`
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of Object.entries(generatedDocs()))
    writeFileSync(join(import.meta.dirname, '..', path), text)
}
