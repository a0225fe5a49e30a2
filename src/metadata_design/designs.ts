/**
 * The designs that are compared.
 *
 * @module
 */

import type { Encoding, MetadataDesign } from "./design.ts";

const TWO_WORDS: Encoding = {
  status: "a mark in allocator, in the entry of the first page",
  order: "in allocator, in the entry of the first page",
  nodeAndZone: "in allocator, beside the order",
};

/** (a) kvm-unit-tests: a byte for each page, list nodes in free pages. */
const BYTE_PER_PAGE: MetadataDesign = {
  name: "a",
  title: "kvm-unit-tests: a byte per page, links in the free page",
  entry: { bytes: 1 },
  written: "every-page",
  links: "free-page",
  encoding: {
    status: "bits 6 and 7 of the byte of every page of the block",
    order: "bits 0 to 5 of the same bytes",
    nodeAndZone: "nowhere: a block belongs to the area whose range holds it",
  },
  bootstrap: "nothing: a free block brings the room for its node",
  operation: "writes the bytes of all pages of each block that changes, two words in each free " +
    "block that is linked or unlinked and in its neighbours on the list",
};

/** (b) Linux in 2021: `struct page`. */
const STRUCT_PAGE: MetadataDesign = {
  name: "b",
  title: "Linux 2021: struct page of 64 bytes, links in its lru field",
  entry: { words: 8 },
  written: "first-page",
  links: "map",
  encoding: {
    status: "PageBuddy: a page type in the mapcount field of the first page",
    order: "in the private field of the first page",
    nodeAndZone: "in the flags of each page: a buddy of another zone is not joined",
  },
  bootstrap: "the map of all pages, from the early allocator",
  operation: "writes the entry of the first page of each block that changes, and those of its " +
    "neighbours on the list",
};

/** (c1) Two words for each page, links in free pages. */
const TWO_WORDS_IN_PAGE: MetadataDesign = {
  name: "c1",
  title: "two words per page, links in the free page",
  entry: { words: 2 },
  written: "first-page",
  links: "free-page",
  encoding: TWO_WORDS,
  bootstrap: "the map of all pages, from the early allocator",
  operation: "writes the entry of the first page of each block that changes, two words in each " +
    "free block that is linked or unlinked and in its neighbours on the list",
};

/** (c2) Two words for each page, links in nodes beside the map. */
const TWO_WORDS_EXTERNAL: MetadataDesign = {
  name: "c2",
  title: "two words per page, links in nodes of their own",
  entry: { words: 2 },
  written: "first-page",
  links: "external",
  encoding: TWO_WORDS,
  bootstrap: "the map, a node for each block handed over, and one for each order: a split must " +
    "find nodes for its halves without asking the allocator",
  operation:
    "writes the entry of the first page of each block that changes (allocatee says which " +
    "node is its own), that node, and the nodes of its neighbours on the list",
};

/** (c3) Two words for each page, trees of bits in place of lists. */
const TWO_WORDS_BITS: MetadataDesign = {
  name: "c3",
  title: "two words per page, no lists: a tree of bits per order",
  entry: { words: 2 },
  written: "first-page",
  links: "none",
  encoding: { ...TWO_WORDS, status: "a bit in the tree of its order" },
  bootstrap: "the map and the trees, from the early allocator",
  operation: "writes the entry of the first page of a block in use, a bit for each block that " +
    "changes, and bits above it where a node of the tree becomes empty or is no longer",
};

/** (c3) without the two words. */
const BITS_ONLY: MetadataDesign = {
  ...TWO_WORDS_BITS,
  name: "c3-",
  title: "no words per page: a tree of bits per order, who frees says the order",
  entry: { words: 0 },
  written: "none",
  encoding: {
    status: "a bit in the tree of its order",
    order: "the tree that has the bit; of a block in use nobody but its owner knows it",
    nodeAndZone: "nowhere: the trees belong to one zone of one node",
  },
  bootstrap: "the trees, from the early allocator",
  operation: "writes a bit for each block that changes, and bits above it where a node of the " +
    "tree becomes empty or is no longer",
};

/** The designs, in the order of the thread. */
export const DESIGNS: readonly MetadataDesign[] = [
  BYTE_PER_PAGE,
  STRUCT_PAGE,
  TWO_WORDS_IN_PAGE,
  TWO_WORDS_EXTERNAL,
  TWO_WORDS_BITS,
  BITS_ONLY,
];
