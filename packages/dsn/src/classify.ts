/**
 * Classifies replies: from reply code, enhanced status code (RFC 3463) and text to a category, by rules that are data.
 *
 * The enhanced status code decides where it is precise, words where it is vague (`5.7.1` says all and nothing), the
 * reply code last. Pure, never throws; at most the first 16,384 characters of a text are looked at.
 */

import type { EnhancedStatusCode, Reply } from '@postroad/envelope'
import { REPLY_CATEGORIES } from './classify-category.ts'
import type { ReplyCategory, ReplyScope } from './classify-category.ts'
import { REPLY_RULES } from './classify-rules.ts'
import { findStatus, flatten, wordsWithoutCodes } from './classify-text.ts'

/** What a peer said. A `Reply` will do as well. */
export interface SaidReply {
  /** Three digits; `undefined` where only text is known, as of a bounce. */
  readonly code?: number | undefined
  /** `undefined` or absent where none was given: then one in the text counts. */
  readonly status?: EnhancedStatusCode | undefined
  /** All lines; with or without codes at the front of each. */
  readonly text: string
}

/**
 * One rule. All conditions that it has must hold; a rule without any holds always.
 *
 * Within a list one of its entries is enough.
 */
export interface ReplyRule {
  /** Stable, for logs and tests: `gmail-over-quota`. */
  readonly name: string
  /** What a reply is where all conditions hold. */
  readonly category: ReplyCategory
  /** Enhanced status codes without their class: `7.1`; `7.*` for all of a subject. */
  readonly status?: readonly string[]
  /** Reply codes. */
  readonly code?: readonly number[]
  /**
   * Words of the text, in lower case with single blanks. They match where a word begins; addresses and the codes at
   * the front of lines are no words.
   */
  readonly words?: readonly string[]
}

/** How to classify. */
export interface ClassifyOptions {
  /** Own rules, tried in their order before `REPLY_RULES`; default none. */
  readonly rules?: readonly ReplyRule[]
}

/** What a reply means. */
export interface ReplyClass {
  /** That of the first rule that matched; `unknown` where none did. */
  readonly category: ReplyCategory
  /** That of the category (`REPLY_CATEGORIES`), whatever the reply itself says. */
  readonly scope: ReplyScope
  /**
   * Whether the same again will be refused again: by the first digit of the reply code (RFC 5321 §4.2.1), without a
   * code by the class of the enhanced status code (RFC 3463 §2), without both `true` for categories that never pass by
   * themselves.
   */
  readonly permanent: boolean
  /** By which rule, for a log, and what it means, for people. */
  readonly explain: ReplyExplanation
}

/** Why it was classified so. */
export interface ReplyExplanation {
  /** Name of the rule; `none` where none matched. */
  readonly rule: string
  /** On what it matched: the words, else the enhanced status code, else the reply code; empty where none matched. */
  readonly matched: string
  /** What happened: one English sentence. */
  readonly meaning: string
  /** What to do: one English sentence. */
  readonly advice: string
}

/**
 * Gives the category of a reply by the first rule that matches; `unknown` where none does.
 *
 * For positive replies too it gives something: do not ask.
 */
export function classifyReply(said: SaidReply | Reply, options: ClassifyOptions = {}): ReplyClass {
  const text = flatten('lines' in said ? said.lines.join('\n') : said.text)
  const status = said.status ?? findStatus(text)
  const facts = { code: said.code, detail: status?.slice(2), words: wordsWithoutCodes(text) }
  for (const rules of [options.rules ?? [], REPLY_RULES]) {
    for (const rule of rules) {
      const matched = matchRule(rule, facts)
      if (matched !== undefined) return classOf(rule.category, rule.name, matched, said.code, status)
    }
  }
  return classOf('unknown', 'none', '', said.code, status)
}

interface Facts {
  readonly code: number | undefined
  readonly detail: string | undefined
  readonly words: string
}

/** On what the rule matches; `undefined` where it does not. */
function matchRule(rule: ReplyRule, { code, detail, words }: Facts): string | undefined {
  let matched = ''
  if (rule.code !== undefined) {
    if (code === undefined || !rule.code.includes(code)) return undefined
    matched = String(code)
  }
  if (rule.status !== undefined) {
    if (detail === undefined || !rule.status.some((one) => one === detail || isSubjectOf(one, detail))) return undefined
    matched = detail
  }
  if (rule.words !== undefined) {
    const found = rule.words.find((one) => hasWords(words, one))
    if (found === undefined) return undefined
    matched = found
  }
  return matched
}

const isSubjectOf = (pattern: string, detail: string): boolean =>
  pattern.endsWith('.*') && detail.startsWith(pattern.slice(0, -1))

const WORD = /[\p{L}\p{N}]/u

/** Whether the words stand in the text, not in the middle of a word. */
function hasWords(text: string, words: string): boolean {
  for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + 1)) {
    if (!WORD.test(text.charAt(at - 1))) return true
  }
  return false
}

/** Without any code: what may pass by itself. */
const PASSING: ReadonlySet<ReplyCategory> = new Set(['rate-limited', 'greylisted', 'network', 'system', 'mailbox-full'])

function classOf(
  category: ReplyCategory,
  rule: string,
  matched: string,
  code: number | undefined,
  status: EnhancedStatusCode | undefined,
): ReplyClass {
  const { scope, meaning, advice } = REPLY_CATEGORIES[category]
  const permanent =
    code !== undefined ? code >= 500 : status !== undefined ? status.startsWith('5') : !PASSING.has(category)
  return { category, scope, permanent, explain: { rule, matched, meaning, advice } }
}
