/**
 * A client's end of a server without a network.
 *
 * @packageDocumentation
 */

export { connectTo } from './connect-to.ts'
