/**
 * Whether slow tests run: where `CI` is set, or `POSTROAD_SLOW=1`.
 *
 * A slow test says so by `it.runIf(slow)(...)` or `describe.runIf(slow)(...)`; otherwise it counts as skipped.
 */
export const slow: boolean = isSet(process.env['CI']) || isSet(process.env['POSTROAD_SLOW'])

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}
