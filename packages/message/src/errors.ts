/** Our own mistakes: what a caller may not ask for. Untrusted input never gets here. */

/** What is thrown by this package. */
export type MessageErrorCode = 'MESSAGE_FIELD_NAME' | 'MESSAGE_CONTENT_CHANGED'

/**
 * A caller asked for what can be no message. `MESSAGE_FIELD_NAME`: the name of a new field is none.
 * `MESSAGE_CONTENT_CHANGED`: content that is converted is not the content that was planned for.
 */
export class MessageError extends Error {
  /** `MESSAGE_FIELD_NAME` from `createField`, `MESSAGE_CONTENT_CHANGED` from `Converter`. */
  readonly code: MessageErrorCode

  constructor(code: MessageErrorCode, sentence: string) {
    super(sentence)
    this.name = 'MessageError'
    this.code = code
  }
}
