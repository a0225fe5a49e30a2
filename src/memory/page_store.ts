/**
 * The content and the backing of host pages, kept at a cost that follows what was written.
 *
 * @module
 */

import { type Backing, Extents } from "./extents.ts";
import {
  DISCARDED,
  type Form,
  FULL,
  HEAD,
  NO_RECORD,
  PageDirectory,
  UNIFORM,
} from "./page_directory.ts";
import {
  type Background,
  checkedPowerOn,
  GARBAGE,
  garbageByte,
  HOST_PAGE_BYTES,
  type PowerOn,
  writeGarbage,
} from "./power_on.ts";
import { type Slab, slabOf, Slabs } from "./slabs.ts";
import { WriteJournal } from "./write_journal.ts";
import { WriteLog } from "./write_log.ts";

/** How many bytes of a page are stored if only its start was written: room for a list node. */
const HEAD_BYTES = 64;

/** Up to this many pages a fill or a discard goes into records, beyond it into an extent. */
const RECORDS_PER_FILL = 64;

/** A stretch of host pages `[…, end)` that can be looked at in one go. */
export interface Piece {
  /** The page after the last. */
  readonly end: number;
  /** What the host has behind the pages. */
  readonly backing: Backing;
  /** What the bytes hold that are not stored. */
  readonly background: Background;
  /** How many bytes are stored from the start of the page: 0, 64 or 4096; only of a single page. */
  readonly stored: number;
  /** Where they are stored. */
  readonly slab: Slab;
  /** The position of the page's first byte there. */
  readonly base: number;
}

/**
 * A view of the page that was accessed last, for the fast path: bytes `[0, readEnd)` of the page lie in
 * the slab from `base` on and can be read without further ado, bytes `[0, writeEnd)` written.
 */
export class Window {
  /** The page; -1 for none. */
  page = -1;
  /** The end of what can be read, in bytes of the page. */
  readEnd = 0;
  /** The end of what can be written, in bytes of the page. */
  writeEnd = 0;
  /** The position of the page's first byte. */
  base = 0;
  /** Where its bytes are stored. */
  slab: Slab;
  /** The same, as a view in any width and byte order. */
  view: DataView<ArrayBuffer>;

  /** Makes a closed window. */
  constructor(slab: Slab) {
    this.slab = slab;
    this.view = slab.view;
  }

  /** Opens the window on a page. */
  open(page: number, slab: Slab, base: number, readEnd: number, writeEnd: number): void {
    this.page = page;
    this.slab = slab;
    this.view = slab.view;
    this.base = base;
    this.readEnd = readEnd;
    this.writeEnd = writeEnd;
  }

  /** Closes the window. */
  close(): void {
    this.page = -1;
  }
}

/**
 * Pages of 4 KiB, by page number, with the backing of each. It knows no addresses and no faults.
 *
 * A page is kept in one of four ways, the cheapest that can hold it: as part of an extent; as a
 * record that names its background; with its first 64 bytes stored; with all bytes stored.
 */
export class PageStore {
  /** How often a page that the host had taken away was accessed again. */
  refaults = 0;
  readonly #powerOn: PowerOn;
  #directory: PageDirectory = new PageDirectory();
  #extents: Extents;
  #heads: Slabs = new Slabs(HEAD_BYTES);
  #pages: Slabs = new Slabs(HOST_PAGE_BYTES);
  /** For each byte that was needed, a page full of it; copies share them, nobody writes to them. */
  #uniform: (Slab | undefined)[] = [];
  /** Whether the host ever took a page away. */
  hasDiscards = false;
  readonly #window: Window;
  #journal: WriteJournal | null = null;
  /** The one journal of this store, which is used again and again. */
  #spare: WriteJournal | null = null;
  readonly #writes: WriteLog = new WriteLog();

  /** Makes a store in which no page was touched. */
  constructor(powerOn: PowerOn) {
    this.#powerOn = checkedPowerOn(powerOn);
    this.#extents = new Extents(powerOn.kind === "zero" ? 0 : GARBAGE);
    this.#window = new Window(this.#uniformSlab(0));
  }

  /** The view of the page that was accessed last; every other change of memory closes it. */
  get window(): Window {
    return this.#window;
  }

  /** Which pages were written; the count is another one after every write. Asking closes the window. */
  get writes(): WriteLog {
    this.#window.close();
    return this.#writes;
  }

  /** Begins to keep what pages held before they are written, in place of an earlier journal. */
  beginJournal(): WriteJournal {
    this.#window.close();
    this.#spare ??= new WriteJournal(this);
    this.#spare.clear();
    this.#journal = this.#spare;
    return this.#spare;
  }

  /** Lets the journal be as it is. */
  endJournal(): void {
    this.#journal = null;
  }

  /** The memory held, in bytes, without small change. */
  get residentBytes(): number {
    return this.#directory.residentBytes + this.#extents.count * 64 + this.#heads.residentBytes +
      this.#pages.residentBytes;
  }

  #uniformSlab(byte: number): Slab {
    const slab = this.#uniform[byte] ?? slabOf(new Uint8Array(HOST_PAGE_BYTES).fill(byte));
    this.#uniform[byte] = slab;
    return slab;
  }

  #garbageSeed(): number {
    return this.#powerOn.kind === "garbage" ? this.#powerOn.seed : 0;
  }

  /** The page as it is kept, with as many like it as follow, up to `end`. Touches nothing. */
  pieceAt(page: number, end: number): Piece {
    const entry = this.#directory.find(page);
    const form = entry < 0 ? NO_RECORD : this.#directory.forms[entry];
    if (form === NO_RECORD) {
      const { background, backing, end: extentEnd } = this.#extents.at(page);
      const next = this.#directory.next(page, Math.min(end, extentEnd));
      return { end: next, backing, background, stored: 0, slab: this.#uniformSlab(0), base: 0 };
    }
    const backing = form === DISCARDED ? "discarded" : "touched";
    const background = this.#directory.backgrounds[entry] ?? 0;
    const slot = this.#directory.slots[entry] ?? 0;
    if (form !== HEAD && form !== FULL) {
      return { end: page + 1, backing, background, stored: 0, slab: this.#uniformSlab(0), base: 0 };
    }
    const slots = form === FULL ? this.#pages : this.#heads;
    const [slab, base] = [slots.readable(slot), slots.base(slot)];
    return { end: page + 1, backing, background, stored: slots.slotBytes, slab, base };
  }

  /** One byte of a page. Touches nothing. */
  byteAt(page: number, offset: number): number {
    const { background, stored, slab, base } = this.pieceAt(page, page + 1);
    if (offset < stored) return slab.bytes[base + offset] ?? 0;
    return background === GARBAGE ? garbageByte(this.#garbageSeed(), page, offset) : background;
  }

  /** A slab of its own with the bytes of a page that has no slot. */
  garbageOf(page: number): Slab {
    const slab = slabOf(new Uint8Array(HOST_PAGE_BYTES));
    writeGarbage(this.#garbageSeed(), page, slab.bytes, 0, HOST_PAGE_BYTES);
    return slab;
  }

  /** Makes the discarded ones of pages `[first, end)` touched again and counts them. */
  refault(first: number, end: number): void {
    if (!this.hasDiscards) return;
    for (let page = first; page < end;) {
      const piece = this.pieceAt(page, end);
      if (piece.backing === "discarded") this.fillPages(page, piece.end, 0);
      page = piece.end;
    }
  }

  /**
   * Opens the window for reading bytes up to `end` of a page, if they can be had without making them:
   * not where they are garbage or lie behind a stored head.
   */
  openForRead(page: number, end: number): boolean {
    if (this.hasDiscards) this.refault(page, page + 1);
    const entry = this.#directory.find(page);
    const form = entry < 0 ? NO_RECORD : this.#directory.forms[entry];
    if (form === FULL || form === HEAD) {
      const slots = form === FULL ? this.#pages : this.#heads;
      const slot = this.#directory.slots[entry] ?? 0;
      const stored = slots.slotBytes;
      const mayWrite = slots.isOwn(slot) && (this.#journal?.has(page) ?? true);
      const writeEnd = mayWrite ? stored : 0;
      if (mayWrite) this.#writes.note(page, page + 1);
      this.#window.open(page, slots.readable(slot), slots.base(slot), stored, writeEnd);
      return end <= stored;
    }
    const background = form === NO_RECORD
      ? this.#extents.at(page).background
      : this.#directory.backgrounds[entry] ?? 0;
    if (background === GARBAGE) return false;
    this.#window.open(page, this.#uniformSlab(background), 0, HOST_PAGE_BYTES, 0);
    return true;
  }

  /** Opens the window for writing bytes up to `end` of a page, which becomes touched. */
  openForWrite(page: number, end: number): void {
    this.#writes.note(page, page + 1);
    this.#journal?.note(page, page + 1);
    const entry = this.#directory.entryFor(page);
    const form = this.#directory.forms[entry];
    if (form !== FULL && (form !== HEAD || end > HEAD_BYTES)) {
      this.#store(page, entry, end <= HEAD_BYTES ? HEAD : FULL);
    }
    const slots = this.#directory.forms[entry] === FULL ? this.#pages : this.#heads;
    const slot = this.#directory.slots[entry] ?? 0;
    const stored = slots.slotBytes;
    this.#window.open(page, slots.writable(slot), slots.base(slot), stored, stored);
  }

  /** Stores all bytes of a page. */
  storePage(page: number, bytes: Uint8Array): void {
    this.openForWrite(page, HOST_PAGE_BYTES);
    this.#window.slab.bytes.set(bytes, this.#window.base);
  }

  /** Gives a record a slot with the page's bytes. */
  #store(page: number, entry: number, form: Form): void {
    const old = this.pieceAt(page, page + 1);
    if (old.backing === "discarded") this.refaults++;
    const slots = form === FULL ? this.#pages : this.#heads;
    const slot = slots.allocate();
    const { bytes } = slots.writable(slot);
    const base = slots.base(slot);
    const { background } = old;
    if (background === GARBAGE) {
      writeGarbage(this.#garbageSeed(), page, bytes, base, slots.slotBytes);
    } else bytes.fill(background, base, base + slots.slotBytes);
    if (old.stored > 0) {
      bytes.set(old.slab.bytes.subarray(old.base, old.base + old.stored), base);
      this.#heads.release(this.#directory.slots[entry] ?? 0);
    }
    this.#directory.forms[entry] = form;
    this.#directory.backgrounds[entry] = background;
    this.#directory.slots[entry] = slot;
  }

  /** Fills bytes `[from, to)` of one page. */
  fillPart(page: number, from: number, to: number, byte: number): void {
    if (to - from === HOST_PAGE_BYTES) return this.fillPages(page, page + 1, byte);
    const old = this.pieceAt(page, page + 1);
    if (old.background === byte && old.stored < HOST_PAGE_BYTES) {
      if (old.stored === 0) return this.fillPages(page, page + 1, byte);
      if (from >= old.stored) return;
      to = Math.min(to, old.stored);
    }
    this.openForWrite(page, to);
    const { slab, base } = this.#window;
    slab.bytes.fill(byte, base + from, base + to);
  }

  /** Fills pages `[first, end)`, which become touched. */
  fillPages(first: number, end: number, byte: number): void {
    if (this.hasDiscards) this.#countDiscarded(first, end);
    this.#setPages(first, end, UNIFORM, byte);
  }

  /** Takes pages `[first, end)` away: they read as 0 until they are touched again. */
  discardPages(first: number, end: number): void {
    this.hasDiscards = true;
    this.#setPages(first, end, DISCARDED, 0);
  }

  #countDiscarded(first: number, end: number): void {
    for (let page = first; page < end;) {
      const piece = this.pieceAt(page, end);
      if (piece.backing === "discarded") this.refaults += piece.end - page;
      page = piece.end;
    }
  }

  #setPages(first: number, end: number, form: Form, background: Background): void {
    this.#window.close();
    this.#writes.note(first, end);
    this.#journal?.note(first, end);
    if (end - first <= RECORDS_PER_FILL) {
      for (let page = first; page < end; page++) this.#setPage(page, form, background);
      return;
    }
    this.#directory.drop(first, end, (old, slot) => this.#release(old, slot));
    const backing = form === DISCARDED ? "discarded" : "touched";
    this.#extents.set({ first, end, background, backing });
  }

  #setPage(page: number, form: Form, background: Background): void {
    const entry = this.#directory.entryFor(page);
    this.#release(this.#directory.forms[entry] ?? NO_RECORD, this.#directory.slots[entry] ?? 0);
    this.#directory.forms[entry] = form;
    this.#directory.backgrounds[entry] = background;
  }

  #release(form: number, slot: number): void {
    if (form === FULL) this.#pages.release(slot);
    else if (form === HEAD) this.#heads.release(slot);
  }

  /** An independent copy, made fast: stored bytes are shared until one side writes to them. */
  clone(): PageStore {
    const copy = new PageStore(this.#powerOn);
    copy.refaults = this.refaults;
    copy.#directory = this.#directory.clone();
    copy.#extents = this.#extents.clone();
    copy.#heads = this.#heads.clone();
    copy.#pages = this.#pages.clone();
    copy.#uniform = this.#uniform;
    copy.hasDiscards = this.hasDiscards;
    this.#window.close();
    return copy;
  }
}
