/** How many call at once, as the names of cases say it: `1 caller` is not a part of `10 callers`. */

/** `1 caller`, `10 callers`. */
export function crowd(callers: number): string {
  return callers === 1 ? '1 caller' : `${callers} callers`
}
