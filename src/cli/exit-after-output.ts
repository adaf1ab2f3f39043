/**
 * Ends the process once everything said has been handed over. Without this, Node waits for V8's background
 * compilers first, and with WebAssembly just warming up that wait can last for ever (nodejs/node#54918).
 */
export async function exitAfterOutput(code: number): Promise<never> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>(resolve => {
      stream.write('', () => resolve())
    })
  process.exit(code)
}
