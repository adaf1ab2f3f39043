import { run } from './run.ts'

/** A change of a compiled device tree (Devicetree Specification 0.4); nodes by their whole path. */
export type TreeEdit =
  | { readonly removeNode: string }
  | { readonly node: string; readonly removeProperty: string }
  | { readonly node: string; readonly property: string; readonly text: string }
  | { readonly node: string; readonly property: string; readonly cell: number }

/** The program that `editTree` needs, and its Debian package. */
export const TREE_TOOLS = { fdtput: 'device-tree-compiler' } as const

/** Changes it in place, one edit after the other. Rejects where one does not fit. */
export async function editTree(file: string, edits: readonly TreeEdit[]): Promise<void> {
  for (const edit of edits) await run('fdtput', wordsOf(file, edit))
}

function wordsOf(file: string, edit: TreeEdit): string[] {
  if ('removeNode' in edit) return ['-r', file, edit.removeNode]
  if ('removeProperty' in edit) return ['-d', file, edit.node, edit.removeProperty]
  return 'text' in edit
    ? ['-t', 's', file, edit.node, edit.property, edit.text]
    : ['-t', 'x', file, edit.node, edit.property, edit.cell.toString(16)]
}
