/** Programs from the distribution's packages, without root and without installing anything. */

export { unpackDebian } from './unpack.ts'
export type { Unpacked } from './unpack.ts'
export { onPath } from './on-path.ts'
