/** Who takes turns: a ring of links, each step of constant cost. */

/** A member of at most one ring. Written by the ring alone. */
export interface RingLink<Member> {
  previous: Member | undefined
  next: Member | undefined
}

/** Members in the order of their turns. */
export class Ring<Member extends RingLink<Member>> {
  #first: Member | undefined

  /** Whose turn it is. */
  get first(): Member | undefined {
    return this.#first
  }

  /** Adds a member behind all others; one that is in the ring stays where it is. */
  add(member: Member): void {
    if (member.next !== undefined) return
    const first = this.#first
    if (first === undefined) {
      member.previous = member
      member.next = member
      this.#first = member
      return
    }
    const last = first.previous ?? first
    member.previous = last
    member.next = first
    last.next = member
    first.previous = member
  }

  /** Takes a member out; one that is in no ring is passed over. */
  remove(member: Member): void {
    const { previous, next } = member
    if (previous === undefined || next === undefined) return
    if (next === member) this.#first = undefined
    else {
      previous.next = next
      next.previous = previous
      if (this.#first === member) this.#first = next
    }
    member.previous = undefined
    member.next = undefined
  }

  /** Ends the turn of the first: it is last now. */
  turn(): void {
    this.#first = this.#first?.next
  }
}
