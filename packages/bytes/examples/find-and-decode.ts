// examples/find-and-decode.ts
import { fromBase64, fromLatin1, indexOf, toLatin1, toUtf8Strict } from '@postroad/bytes'

const line = fromLatin1('AUTH PLAIN AHRpbQB0YW4=\r\n')
const end = indexOf(line, fromLatin1('\r\n'))
const argument = toLatin1(line, 'AUTH PLAIN '.length, end)
console.log(end, argument)

// Strict both times: `undefined` where it is not base64, or not UTF-8.
const response = fromBase64(argument)
const text = response && toUtf8Strict(response)
console.log(text?.split('\0'))

// Prints:
// 23 AHRpbQB0YW4=
// [ '', 'tim', 'tan' ]
