/** Puts a package on its rung in `tooling/checks/ladder.json`. */

/** The file with the folder added; unchanged where it is there already, as a package that was planned. */
export function addToLadder(text: string, folder: string, level: number): string {
  const ladder: Record<string, string[]> = JSON.parse(text)
  if (Object.values(ladder).some((folders) => folders.includes(folder))) return text
  ;(ladder[String(level)] ??= []).push(folder)
  const rungs = Object.entries(ladder).map(([rung, folders]) => `  "${rung}": ${rungOf(folders)}`)
  return `{\n${rungs.join(',\n')}\n}\n`
}

/** On one line while it is short. */
function rungOf(folders: readonly string[]): string {
  const line = `[${folders.map((folder) => JSON.stringify(folder)).join(', ')}]`
  return line.length <= 110 ? line : `[\n${folders.map((folder) => `    ${JSON.stringify(folder)}`).join(',\n')}\n  ]`
}
