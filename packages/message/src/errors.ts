/** Our own mistakes: what a caller may not ask for. Untrusted input never gets here. */

/** What is thrown by this package. */
export type MessageErrorCode = 'MESSAGE_FIELD_NAME'

/** A caller asked for what can be no message. `MESSAGE_FIELD_NAME`: the name of a new field is none. */
export class MessageError extends Error {
  readonly code: MessageErrorCode

  constructor(code: MessageErrorCode, sentence: string) {
    super(sentence)
    this.name = 'MessageError'
    this.code = code
  }
}
