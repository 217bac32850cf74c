/** The words of an HTML text, a line for each block, as far as reading notices needs it. Linear; any text will do. */

/** Tags that begin a new line. */
const BLOCKS: ReadonlySet<string> = new Set([
  'br',
  'p',
  'div',
  'tr',
  'li',
  'pre',
  'table',
  'h1',
  'h2',
  'h3',
  'hr',
  'ul',
])
/** Elements whose content nobody sees. */
const HIDDEN: ReadonlySet<string> = new Set(['style', 'script', 'title'])

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
  ['#39', "'"],
  ['#64', '@'],
])

/** Text without tags; an address in bare angle brackets, which some programs forget to escape, stays. */
export function htmlToText(html: string): string {
  // What has no tag that breaks lines was plain text, and called HTML.
  if (!/<(?:br|p|div|tr|table)\b/i.test(html)) return html
  const chunks: string[] = []
  let at = 0
  for (let open = html.indexOf('<'); open !== -1; open = html.indexOf('<', at)) {
    const close = html.indexOf('>', open)
    if (close === -1) break
    const tag = html.slice(open + 1, close)
    chunks.push(wordsOf(html.slice(at, open)))
    at = close + 1
    if (tag.includes('@') && !tag.includes('=')) {
      chunks.push(`<${tag}>`)
      continue
    }
    const name = /^\/?([a-z][a-z\d]{0,9})/i.exec(tag)?.at(1)?.toLowerCase() ?? ''
    if (BLOCKS.has(name)) chunks.push('\n')
    if (HIDDEN.has(name) && !tag.startsWith('/')) {
      const end = html.indexOf('</', at)
      at = end === -1 ? html.length : end
    }
  }
  chunks.push(wordsOf(html.slice(at)))
  return chunks.join('')
}

/** Line ends are blanks; the entities that notices use become characters, others stay. */
function wordsOf(text: string): string {
  return text
    .replace(/[\r\n]/g, ' ')
    .replace(/&(#?[a-z\d]{2,5});/gi, (whole, name: string) => ENTITIES.get(name.toLowerCase()) ?? whole)
}
