/**
 * Content of messages in files: durable when told, read in ranges, swept after a crash.
 *
 * @packageDocumentation
 */

// The spool
export { createFileSpool, openFileSpool } from './file-spool.ts'
export type { FileSpool, FileSpoolOptions, FileStageOptions } from './file-spool.ts'
export type { Disk, DiskFile } from './disk.ts'

// What lies in its folder
export { contentFilePath, isContentFileId } from './content-path.ts'
export { checkContentFile, listContentFiles } from './content-files.ts'
export type { ContentFile, ContentFileState } from './content-files.ts'
