/** A DNS server for tests: answers over UDP on loopback from a zone given as text. */

import { createSocket } from 'node:dgram'
import { parseIpAddress, parseZone, type Zone } from '../src/index.ts'

const TYPES = { 1: 'a', 5: 'cname', 12: 'ptr', 15: 'mx', 28: 'aaaa' } as const
const CODES = { a: 1, cname: 5, ptr: 12, mx: 15, aaaa: 28 } as const
const NOERROR = 0
const SERVFAIL = 2
const NXDOMAIN = 3

/** Starts the server; names in `failing` are answered SERVFAIL, those in `silent` not at all. */
export async function startDnsServer(zoneText: string, failing: readonly string[], silent: readonly string[] = []) {
  const zone = parseZone(zoneText)
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address }) => {
    const { name, end } = readName(query, 12)
    if (silent.includes(name)) return
    socket.send(answer(zone, query.subarray(0, end + 4), name, query.readUInt16BE(end), failing), port, address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    server: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  }
}

function answer(zone: Zone, question: Buffer, name: string, type: number, failing: readonly string[]): Buffer {
  const records: Buffer[] = []
  const wanted = type in TYPES ? TYPES[type as keyof typeof TYPES] : undefined
  let owner = name
  let code = failing.includes(name) ? SERVFAIL : NOERROR
  for (let step = 0; code === NOERROR && step < 4; step += 1) {
    const target = zone.cname.get(owner)
    if (target !== undefined && wanted !== 'cname') {
      records.push(record(owner, CODES.cname, writeName(target)))
      owner = target
      continue
    }
    if (!zone.names.has(owner)) code = NXDOMAIN
    if (wanted === 'a' || wanted === 'aaaa')
      for (const address of zone[wanted].get(owner) ?? [])
        records.push(record(owner, CODES[wanted], Buffer.from(parseIpAddress(address) ?? [])))
    if (wanted === 'ptr')
      for (const target of zone.ptr.get(owner) ?? []) records.push(record(owner, CODES.ptr, writeName(target)))
    if (wanted === 'mx')
      for (const { preference, exchange } of zone.mx.get(owner) ?? [])
        records.push(record(owner, CODES.mx, Buffer.concat([uint16(preference), writeName(exchange)])))
    break
  }
  const header = Buffer.concat([
    question.subarray(0, 2),
    uint16(0x8180 | code),
    uint16(1),
    uint16(records.length),
    uint16(0),
    uint16(0),
  ])
  return Buffer.concat([header, question.subarray(12), ...records])
}

const record = (name: string, type: number, data: Buffer): Buffer =>
  Buffer.concat([writeName(name), uint16(type), uint16(1), Buffer.from([0, 0, 0, 60]), uint16(data.length), data])

function readName(packet: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = []
  let at = start
  for (let length = packet[at] ?? 0; length > 0; length = packet[at] ?? 0) {
    labels.push(packet.toString('latin1', at + 1, at + 1 + length).toLowerCase())
    at += length + 1
  }
  return { name: labels.join('.'), end: at + 1 }
}

function writeName(name: string): Buffer {
  const labels = name === '.' ? [] : name.split('.')
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ])
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}
