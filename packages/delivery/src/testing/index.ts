/**
 * The contract suite of `Delivery`: what every implementation must do.
 *
 * @packageDocumentation
 */

export { describeDeliveryContract } from './delivery-contract.ts'
export type { DeliveryHarness, OpenedDelivery, PeerBehaviour } from './delivery-contract.ts'
