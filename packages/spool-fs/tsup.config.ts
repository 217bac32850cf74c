import { preset } from '@postroad/tooling-tsup'

export default preset()
