/** The process in which a client sends. */

/** Its module; see its head for setup and work. */
export const SEND_PROCESS: URL = new URL('send-process.ts', import.meta.url)
