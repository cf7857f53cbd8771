/** The size of a block in bytes; only the last block of a piece is shorter. @see BEP 3, `request` */
export const BLOCK_BYTES = 16 * 1024;
