/**
 * The bytes of a block: what one `request` asks for, and what one leaf of a v2 merkle tree covers. Only the last block of
 * a piece or file is shorter.
 *
 * @see BEP 3, `request`, and BEP 52, `pieces root`
 */
export const BLOCK_BYTES = 16 * 1024;
