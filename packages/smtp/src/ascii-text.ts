/** Text that is ASCII. */

/** Whether the text holds no character outside of ASCII. */
export function isAsciiText(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false
  return true
}
