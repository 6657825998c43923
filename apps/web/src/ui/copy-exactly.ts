/** A browser adds a line feed to a block that is selected whole by a triple click, and drops one that the text ends with. */
export function copyExactly(event: ClipboardEvent, shown: HTMLElement | null): void {
  const selection = getSelection()
  if (!shown || !selection || selection.rangeCount === 0) return
  const inside = selection.getRangeAt(0).cloneRange()
  if (!inside.intersectsNode(shown)) return
  if (!shown.contains(inside.startContainer)) inside.setStart(shown, 0)
  if (!shown.contains(inside.endContainer)) inside.setEnd(shown, shown.childNodes.length)
  const text = inside.toString()
  const isAlone = selection.toString().trim() === text.trim()
  if (text === '' || !isAlone) return
  event.clipboardData?.setData('text/plain', text)
  event.preventDefault()
}
