/**
 * EFI memory maps out of the messages of a kernel (`efi=debug`), the EFI shell (`memmap`) and GRUB
 * (`lsefimmap`).
 *
 * | printed by | spelling | its end |
 * | --- | --- | --- |
 * | Linux on x86 since 4.4 | `efi: mem00: [Boot Code |…] range=[0x0-0xfff] (0MB)` | last byte |
 * | Linux on x86 before | the same with `range=[0x0-0x1000)`, or `type=3, attr=0xf, range=…` | first byte after |
 * | Linux elsewhere | `efi:   0x000040000000-0x000043ffffff [Conventional|…]` | last byte |
 * | EFI shell, GRUB | `BS_Code 0000-0FFF 0001 0000000F` | last byte |
 *
 * The order of the text is the firmware's, which matters: the first of the largest ranges is used. Where
 * a map begins anew (`mem00` again, or another header), the last one counts.
 *
 * Source: Linux `arch/x86/platform/efi/efi.c`, `efi_print_memmap()`; `drivers/firmware/efi/efi-init.c`,
 * `reserve_regions()`; `drivers/firmware/efi/efi.c`, `efi_md_typeattr_format()`.
 *
 * @module
 */

import { efiAttributesOfMask, efiTypeOfName, kindOfEfiType } from "./efi_type.ts";
import {
  addNote,
  addRange,
  type FoundMap,
  foundOf,
  keepProblem,
  type MapDraft,
  type MapReader,
  newDraft,
  type RangeFacts,
} from "./map_reader.ts";
import { lineError, type SourceLine } from "./source_line.ts";
import { type AddressSpan, hexNumber, hexSpan } from "./span.ts";
import type { EfiType } from "./text_range.ts";

interface Descriptor {
  readonly span: AddressSpan | null;
  readonly facts: RangeFacts;
  /** Whether a map begins here. */
  readonly isFirst: boolean;
}

const RANGE =
  /(?:\[([^\]|]{1,40})(\|[^\]]{0,200})?\]|(type=\d{1,10}), attr=0x([0-9a-f]{1,16}),) range=\[0x([0-9a-f]+)-0x([0-9a-f]+)([\])])/i;
const NUMBER = /mem(\d{1,6}): /;
/** The start of a descriptor on x86; "efi: Remove mem…" is none. */
const DESCRIPTOR_START = /efi: mem\d/i;
const BARE_RANGE = /(?:^|\s)0x([0-9a-f]+)-0x([0-9a-f]+) \[([^\]|]{1,40})(\|[^\]]{0,200})?\]/i;
const TABLE_ROW =
  /^\s*([A-Za-z][\w-]{1,12}(?: [A-Za-z]{1,8})?)\s+([0-9a-f]{16})-([0-9a-f]{16})\s+[0-9a-f]{8,16}\s+([^]*)$/i;

/** The attributes of `|RUN|  |WB|` or of `|attr=0x…`. */
function attributesOf(text: string): string[] {
  const mask = /attr=0x([0-9a-f]{1,16})/i.exec(text)?.[1];
  if (mask !== undefined) return efiAttributesOfMask(BigInt(`0x${mask}`));
  return text.split("|").map((word) => word.trim()).filter((word) => word !== "");
}

function factsOf(type: EfiType, attributes: readonly string[]): RangeFacts {
  return { kind: kindOfEfiType(type, attributes), efiType: type, attributes };
}

/** Linux on x86. */
function readRange(source: SourceLine): Descriptor | null {
  const match = RANGE.exec(source.text);
  if (match === null) {
    if (!DESCRIPTOR_START.test(source.text)) return null;
    throw lineError(
      source,
      "breaks off or holds no range",
      "expected a descriptor, such as [Boot Code|…] range=[0x0-0xfff]",
    );
  }
  const [, words, list = "", typeNumber, mask = "0", first = "", second = "", close] = match;
  const name = words ?? typeNumber ?? "";
  const type = efiTypeOfName(name) ?? "unknown";
  const attributes = words === undefined
    ? efiAttributesOfMask(BigInt(`0x${mask}`))
    : attributesOf(list);
  return {
    span: hexSpan(source, first, second, close === ")" ? "first-byte-after" : "last-byte"),
    facts: factsOf(type, attributes),
    isFirst: Number(NUMBER.exec(source.text)?.[1]) === 0,
  };
}

/** Linux on other architectures. */
function readBareRange(source: SourceLine): Descriptor | null {
  const match = BARE_RANGE.exec(source.text);
  if (match === null) return null;
  const [, first = "", last = "", name = "", list = ""] = match;
  const type = efiTypeOfName(name);
  if (type === null) return null;
  const span = hexSpan(source, first, last, "last-byte");
  return { span, facts: factsOf(type, attributesOf(list)), isFirst: false };
}

/** The EFI shell, whose last column is a mask, and GRUB, which has the size and names there. */
function readRow(source: SourceLine): Descriptor | null {
  const match = TABLE_ROW.exec(source.text);
  if (match === null) return null;
  const [, name = "", first = "", last = "", rest = ""] = match;
  const type = efiTypeOfName(name);
  if (type === null) return null;
  const mask = /^[0-9a-f]{16}\s*$/i.test(rest) ? hexNumber(source, rest.trim()) : null;
  const attributes = mask === null
    ? rest.split(/\s+/).filter((word) => /^[A-Z]{2,3}$/.test(word))
    : efiAttributesOfMask(mask);
  const span = hexSpan(source, first, last, "last-byte");
  return { span, facts: factsOf(type, attributes), isFirst: false };
}

function readDescriptor(source: SourceLine): Descriptor | null {
  const { text } = source;
  if (text.includes("range=[")) return readRange(source);
  if (text.includes(": mem") && DESCRIPTOR_START.test(text)) return readRange(source);
  if (text.includes("-0x") && text.includes(" [")) return readBareRange(source);
  return /^\s*[A-Za-z]/.test(text) ? readRow(source) : null;
}

/**
 * Makes a reader of EFI memory descriptors.
 *
 * @returns the reader
 */
export function efiReader(): MapReader {
  let draft: MapDraft | null = null;
  let isNewMap = false;
  const earlier: number[] = [];
  const draftFor = (source: SourceLine): MapDraft => {
    if (draft !== null && !isNewMap) return draft;
    if (draft !== null) earlier.push(draft.line);
    isNewMap = false;
    draft = newDraft(source);
    return draft;
  };
  return {
    read(source: SourceLine): boolean {
      if (source.text.includes("Processing EFI memory map")) {
        isNewMap = true;
        return false;
      }
      try {
        const descriptor = readDescriptor(source);
        if (descriptor === null) return false;
        if (descriptor.isFirst) isNewMap = true;
        const into = draftFor(source);
        keepProblem(into, () => addRange(into, source, descriptor.span, descriptor.facts));
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        draftFor(source).problem ??= error;
      }
      return true;
    },
    found(): FoundMap | null {
      if (draft === null) return null;
      for (const line of earlier) {
        addNote(draft, {
          line,
          severity: "warning",
          text: "another EFI memory map begins here and is left out; the last one is used",
        });
      }
      return foundOf(draft, "efi", "the EFI memory map");
    },
  };
}
