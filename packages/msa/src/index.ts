/**
 * The Mail Submission Agent (RFC 6409): policy of submission.
 *
 * @packageDocumentation
 */

export {}
