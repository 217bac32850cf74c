/**
 * Header fields byte for byte, trace fields, dates, encoded words and facts about content.
 *
 * @packageDocumentation
 */

export {}
