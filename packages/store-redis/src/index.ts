/**
 * Every port of a store on Redis through ioredis: the shared queue.
 *
 * @packageDocumentation
 */

export {}
