/**
 * The port of delivery: hand one envelope and its content to a destination, learn an outcome per recipient.
 *
 * @packageDocumentation
 */

export type { Delivery, DeliveryPhase, DeliveryReport, DeliveryRequest, PeerRecord, PeerTls } from './delivery.ts'
