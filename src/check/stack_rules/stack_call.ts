/**
 * Calls above the page allocator as data, and the blocks that they make.
 *
 * @module
 */

/** A call above the page allocator, or something that happens between such calls. */
export type StackCall =
  /** `boot`: up to and with `setup_vm`, or up to right before it. */
  | { readonly kind: "boot" }
  /** `setup_vm`. */
  | { readonly kind: "setup-vm" }
  /** `malloc`. */
  | { readonly kind: "malloc"; readonly size: bigint }
  /** `calloc`. */
  | { readonly kind: "calloc"; readonly count: bigint; readonly size: bigint }
  /** `memalign`; both in bytes. */
  | { readonly kind: "memalign"; readonly alignment: bigint; readonly size: bigint }
  /** `free`; address 0 is NULL. `free_pages` of NULL is told as this, too. */
  | { readonly kind: "free"; readonly address: bigint }
  /** `vmap`: `size` bytes from a physical address on. */
  | { readonly kind: "vmap"; readonly physical: bigint; readonly size: bigint }
  /** `alloc_vpages_aligned`, and `alloc_vpages` and `alloc_vpage` with order 0. */
  | { readonly kind: "alloc-vpages"; readonly count: bigint; readonly alignOrder: number }
  /** The owner of a block writes to it, or to memory that no block of this kind has. */
  | { readonly kind: "user-write"; readonly address: bigint; readonly size: bigint }
  /** `free_pages` of an address that is not NULL. */
  | { readonly kind: "free-pages"; readonly address: bigint }
  /** A call that maps the page at a virtual address, or may do so: `install_page`, `virt_to_pte_phys`. */
  | { readonly kind: "map-page"; readonly address: bigint }
  /** A call of the page allocator, which has rules of its own. */
  | { readonly kind: "page-call" }
  /** A call about which nothing is known, such as one that edits page tables. */
  | { readonly kind: "other" };

/** What such a call returns: an address, NULL, or nothing. */
export type StackValue = bigint | null | undefined;

/** What a call gave out and nobody gave back. */
export interface LiveBlock {
  /** By what it came: `malloc` stands for its like too. */
  readonly kind: "malloc" | "vmap" | "vpages";
  /** The allocator that gave it. */
  readonly from: "early" | "page" | "vmalloc";
  /** The address that was returned. */
  readonly address: bigint;
  /** The size that was asked for, in bytes. */
  readonly size: bigint;
  /** What the allocator gave: it begins earlier where malloc keeps words of its own in front. */
  readonly whole: { readonly address: bigint; readonly size: bigint };
  /** The virtual addresses `[first, end)` that belong to it, metadata included. */
  readonly first: bigint;
  /** The first address after. */
  readonly end: bigint;
}
