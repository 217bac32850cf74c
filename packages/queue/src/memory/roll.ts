/**
 * A list that is walked in pages: members in the order they came, each with a number, and a walk that begins behind any
 * number without a look at those before it.
 */

/** Fewer places than this are not closed up. */
const FEW = 64

/** A member and its number. */
interface Place<Member> {
  readonly number: number
  /** `undefined` where it has left. */
  member: Member | undefined
}

/** Members in the order of their numbers. */
export class Roll<Member> {
  #places: Place<Member>[] = []
  #size = 0
  #last = 0

  get size(): number {
    return this.#size
  }

  /** Puts a member behind all others, and gives its number, which `remove` wants back. */
  add(member: Member): number {
    this.#last += 1
    this.#places.push({ number: this.#last, member })
    this.#size += 1
    return this.#last
  }

  /** Takes out the member of a number; one that is gone is passed over. */
  remove(number: number): void {
    const place = this.#places[this.#indexOf(number)]
    if (place?.number !== number || place.member === undefined) return
    place.member = undefined
    this.#size -= 1
    // Now and then, so that each leaving pays for a few places at most.
    if (this.#places.length > FEW + 2 * this.#size) {
      this.#places = this.#places.filter(({ member }) => member !== undefined)
    }
  }

  /** Numbers and members behind a number, 0 for all. What is added or removed meanwhile may be missed or come twice. */
  *after(number: number): Generator<readonly [number: number, member: Member], void, undefined> {
    const places = this.#places
    for (let index = this.#indexOf(number + 1); index < places.length; index += 1) {
      const place = places[index]
      if (place?.member !== undefined) yield [place.number, place.member]
    }
  }

  /** Where the first place of this number or a later one stands. */
  #indexOf(number: number): number {
    let low = 0
    let high = this.#places.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#places[middle]?.number ?? Infinity) >= number) high = middle
      else low = middle + 1
    }
    return low
  }
}
