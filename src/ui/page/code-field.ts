/** The field for a receipt's code: whoever types into it may have a keyboard, a scanner, a keypad, or the glass. */
export class CodeField {
  constructor(private readonly root: Element) {}

  get isThere(): boolean {
    return this.element !== null
  }

  get text(): string {
    return this.element?.value.trim() ?? ''
  }

  /** A key on the glass or of a keypad; the empty one takes the last character away. */
  type(key: string): void {
    const { element } = this
    if (element !== null) element.value = key === '' ? element.value.slice(0, -1) : element.value + key
  }

  private get element(): HTMLInputElement | null {
    return this.root.querySelector<HTMLInputElement>('#code')
  }
}
