/** The processors that {@link exitLibrary} knows, as `process.arch` calls them. */
export type ExitArchitecture = 'x64' | 'arm64';

/** The address of the second, writable mapping of the file. It is a multiple of the largest page size. */
const WRITABLE_AT = 0x10000;
const FILE_BYTES = 0x200;
const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const SEGMENTS = 4;
const DYNAMIC_AT = HEADER_BYTES + SEGMENTS * SEGMENT_BYTES;
const DYNAMIC_ENTRIES = 7;
const DYNAMIC_BYTES = 16 * DYNAMIC_ENTRIES;
const SYMBOLS_AT = DYNAMIC_AT + DYNAMIC_BYTES;
const SYMBOL_BYTES = 24;
const HASH_AT = SYMBOLS_AT + SYMBOL_BYTES;
const STRINGS_AT = HASH_AT + 16;
const CODE_AT = FILE_BYTES - 16;

/**
 * Makes a shared library for Linux whose only content is the system call `exit_group(code)`, made when it is loaded.
 *
 * @param code from 0 to 255
 * @see man 5 elf, man 2 exit_group
 */
export function exitLibrary(code: number, architecture: ExitArchitecture): Uint8Array {
  const file = Buffer.alloc(FILE_BYTES);
  writeHeader(file, architecture);
  // LOAD, twice: to be run, and for the loader to write to; DYNAMIC; GNU_STACK, which asks for one that is not executable.
  writeSegment(file, 0, { type: 1, flags: 5, at: 0, mappedAt: 0, bytes: FILE_BYTES, align: WRITABLE_AT });
  writeSegment(file, 1, {
    type: 1,
    flags: 6,
    at: 0,
    mappedAt: WRITABLE_AT,
    bytes: FILE_BYTES,
    align: WRITABLE_AT,
  });
  const dynamic = { at: DYNAMIC_AT, mappedAt: WRITABLE_AT + DYNAMIC_AT, bytes: DYNAMIC_BYTES };
  writeSegment(file, 2, { type: 2, flags: 6, ...dynamic, align: 8 });
  writeSegment(file, 3, { type: 0x6474e551, flags: 6, at: 0, mappedAt: 0, bytes: 0, align: 16 });
  writeDynamic(file);
  file.writeUInt32LE(1, HASH_AT);
  file.writeUInt32LE(1, HASH_AT + 4);
  exitCode(code, architecture).copy(file, CODE_AT);
  return file;
}

function writeHeader(file: Buffer, architecture: ExitArchitecture): void {
  file.write('\x7fELF\x02\x01\x01', 'latin1');
  const sharedObject = 3;
  file.writeUInt16LE(sharedObject, 16);
  file.writeUInt16LE(architecture === 'x64' ? 62 : 183, 18);
  file.writeUInt32LE(1, 20);
  writeUint64(file, HEADER_BYTES, 32);
  file.writeUInt16LE(HEADER_BYTES, 52);
  file.writeUInt16LE(SEGMENT_BYTES, 54);
  file.writeUInt16LE(SEGMENTS, 56);
  file.writeUInt16LE(HEADER_BYTES, 58);
}

interface Segment {
  readonly type: number;
  /** The permissions: 4 to read, 2 to write, 1 to run. */
  readonly flags: number;
  readonly at: number;
  readonly mappedAt: number;
  readonly bytes: number;
  readonly align: number;
}

function writeSegment(
  file: Buffer,
  index: number,
  { type, flags, at, mappedAt, bytes, align }: Segment,
): void {
  const start = HEADER_BYTES + index * SEGMENT_BYTES;
  file.writeUInt32LE(type, start);
  file.writeUInt32LE(flags, start + 4);
  for (const [field, value] of [at, mappedAt, mappedAt, bytes, bytes, align].entries()) {
    writeUint64(file, value, start + 8 + 8 * field);
  }
}

/** Writes what the loader needs to know: tables without an entry, and the address of the code to run first. */
function writeDynamic(file: Buffer): void {
  const [strtab, symtab, strsz, syment, hash, init] = [5, 6, 10, 11, 4, 12] as const;
  const entries = [
    [strtab, STRINGS_AT],
    [symtab, SYMBOLS_AT],
    [strsz, 1],
    [syment, SYMBOL_BYTES],
    [hash, HASH_AT],
    [init, CODE_AT],
  ] as const;
  for (const [index, [tag, value]] of entries.entries()) {
    writeUint64(file, tag, DYNAMIC_AT + 16 * index);
    writeUint64(file, value, DYNAMIC_AT + 16 * index + 8);
  }
}

/** Writes the machine code of `exit_group(code)`. */
function exitCode(code: number, architecture: ExitArchitecture): Buffer {
  // mov edi, code; mov eax, 231; syscall
  if (architecture === 'x64') return Buffer.from([0xbf, code, 0, 0, 0, 0xb8, 231, 0, 0, 0, 0x0f, 0x05]);
  const bytes = Buffer.alloc(12);
  // mov w0, code; mov w8, 94; svc 0
  for (const [at, word] of [0x52800000 | (code << 5), 0x52800bc8, 0xd4000001].entries()) {
    bytes.writeUInt32LE(word, 4 * at);
  }
  return bytes;
}

function writeUint64(file: Buffer, value: number, at: number): void {
  file.writeBigUInt64LE(BigInt(value), at);
}
