export { default } from './tooling/vitest/src/config.ts'
