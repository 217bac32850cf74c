/** The ledger of a run: every report of every process, kept by entry. */

import type { Birth, Call, History, LeaseNote, RenewCall, SettleCall } from './history.ts'
import type { ReleaseNote } from './judge.ts'
import type { Born, Report, Settling } from './report.ts'

interface OpenOp {
  readonly calls: readonly (Call | SettleCall)[]
  wasRefused: boolean
}

/** What is known of all entries. */
export class Ledger {
  readonly histories = new Map<string, History>()
  readonly releases: ReleaseNote[] = []
  readonly #releasing = new Map<string, ReleaseNote>()
  /** Sentences of processes about what may never be. */
  readonly faults: string[] = []
  /** Why calls were refused, and how often. */
  readonly refusals = new Map<string, number>()
  readonly #ops = new Map<string, OpenOp>()
  /** By process and token: a fail-over may give a token twice. */
  readonly #leases = new Map<string, LeaseNote>()
  readonly #deaths = new Map<number, number>()
  #acknowledged = 0

  /** How many entries were acknowledged so far. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  /** Takes one report. */
  add(process: number, report: Report): void {
    switch (report.kind) {
      case 'enqueue':
        this.#open(
          process,
          report.op,
          report.entries.map((born) => this.#birth(born, report.at)),
        )
        break
      case 'enqueued':
        this.#acknowledged += this.#close(process, report.op, report.at, [])
        break
      case 'leased':
        for (const { id, token, version, attempt } of report.leases) {
          const { askedAt, durationMs, at } = report
          const lease: LeaseNote = {
            process,
            token,
            askedAt,
            gotAt: at,
            durationMs,
            version,
            attempt,
            renewals: [],
            settlements: [],
          }
          this.#leases.set(`${process}:${token}`, lease)
          this.#history(id).leases.push(lease)
        }
        break
      case 'renew': {
        const call: RenewCall = {
          ...unanswered(report.at),
          durationMs: report.durationMs,
          ...(report.version === undefined ? {} : { version: report.version }),
        }
        this.#leases.get(`${process}:${report.token}`)?.renewals.push(call)
        this.#open(process, report.op, [call])
        break
      }
      case 'renewed':
        this.#close(process, report.op, report.at, [report.result])
        break
      case 'settle':
        this.#open(
          process,
          report.op,
          report.batch.map((settling) => this.#settling(process, settling, report.at)),
        )
        break
      case 'settled':
        this.#close(process, report.op, report.at, report.results)
        break
      case 'release':
        this.#release(process, report)
        break
      case 'released':
        this.#released(process, report)
        break
      case 'refused': {
        const op = this.#ops.get(`${process}:${report.op}`)
        if (op !== undefined) op.wasRefused = true
        this.refusals.set(report.error, (this.refusals.get(report.error) ?? 0) + 1)
        break
      }
      case 'unread': {
        const lease = this.#leases.get(`${process}:${report.token}`)
        if (lease !== undefined) lease.unreadAt = report.at
        break
      }
      case 'fault':
        this.faults.push(`process ${process}: ${report.sentence}`)
        break
      case 'ready':
      case 'mark':
        break
      default:
        report satisfies never
    }
  }

  #release(process: number, { op, at }: Extract<Report, { kind: 'release' }>): void {
    const note: ReleaseNote = { begunAt: at }
    this.#releasing.set(`${process}:${op}`, note)
    this.releases.push(note)
  }

  #released(process: number, { op, at }: Extract<Report, { kind: 'released' }>): void {
    const note = this.#releasing.get(`${process}:${op}`)
    if (note !== undefined) note.endedAt = at
  }

  /** A process has ended. */
  died(process: number, at: number): void {
    this.#deaths.set(process, at)
  }

  /** When a process ended. */
  diedAt(process: number): number | undefined {
    return this.#deaths.get(process)
  }

  /** Calls without an answer. */
  get unanswered(): number {
    let count = 0
    for (const { calls } of this.#ops.values()) count += calls.length
    return count
  }

  #history(id: string): History {
    const known = this.histories.get(id)
    if (known !== undefined) return known
    const history: History = { id, birth: undefined, leases: [] }
    this.histories.set(id, history)
    return history
  }

  #birth(
    { id, version }: Born,
    at: number,
    from?: { readonly settlement: SettleCall; readonly parent: string },
  ): Birth {
    const birth: Birth = { ...unanswered(at), version, ...from }
    this.#history(id).birth = birth
    return birth
  }

  #settling(process: number, { id, token, kind, version, spawn }: Settling, at: number): SettleCall {
    const settlement: SettleCall = {
      ...unanswered(at),
      kind,
      ...(version === undefined ? {} : { version }),
      spawned: spawn.map((born) => born.id),
    }
    for (const born of spawn) this.#birth(born, at, { settlement, parent: id })
    this.#leases.get(`${process}:${token}`)?.settlements.push(settlement)
    return settlement
  }

  #open(process: number, op: number, calls: readonly Call[]): void {
    this.#ops.set(`${process}:${op}`, { calls, wasRefused: false })
  }

  /** Notes the answers; gives how many calls there were. */
  #close(process: number, op: number, at: number, results: readonly string[]): number {
    const name = `${process}:${op}`
    const { calls, wasRefused } = this.#ops.get(name) ?? { calls: [], wasRefused: false }
    this.#ops.delete(name)
    for (const [index, call] of calls.entries()) {
      call.endedAt = at
      const isLost = results[index] === 'lost'
      // After a call that was refused, `lost` can mean that the first one did it.
      call.outcome = isLost ? (wasRefused ? 'unknown' : 'lost') : 'acknowledged'
      if (isSettlement(call)) this.#spread(call)
    }
    return calls.length
  }

  /** What became of a settlement became of what it spawns. */
  #spread(settlement: SettleCall): void {
    for (const id of settlement.spawned) {
      const birth = this.histories.get(id)?.birth
      if (birth === undefined) continue
      birth.outcome = settlement.outcome
      birth.endedAt = settlement.endedAt
      if (settlement.outcome === 'acknowledged') this.#acknowledged += 1
    }
  }
}

function unanswered(at: number): Call {
  return { begunAt: at, endedAt: undefined, outcome: 'unknown' }
}

function isSettlement(call: Call | SettleCall): call is SettleCall {
  return 'spawned' in call
}
