/**
 * The facts of an edition about what its authors promise of vmalloc and malloc: whether each promise is
 * kept.
 *
 * The first value of each is what the code does since the promise was made; the second is what its
 * comments and commit messages say that it does. Only the repaired edition has the second values.
 *
 * @module
 */

/** Which promises of vmalloc and malloc an edition keeps. A fact's values are words that say what. */
export interface VmallocPromiseFacts {
  /** What becomes of the page table entries of a block that is freed (3f6fee0d). */
  readonly freedVirtualPages: "stay-mapped" | "are-unmapped";
  /** Whether virtual pages that were freed, or passed over for an alignment, are given out later. */
  readonly virtualPagesAreGiven: "once" | "again";
  /**
   * Where virtual pages end: nowhere, so that they wrap round or meet what is mapped; or above that,
   * and a request for more gets NULL.
   */
  readonly virtualPagesEnd: "nowhere" | "above-other-mappings";
  /**
   * What vmalloc does without a page for a block: one page is taken to be at address 0, of several the
   * first is asserted; or the request gives NULL, and what it took is given back.
   */
  readonly missingBlockPages: "taken-to-be-at-0" | "give-null";
  /** What becomes of a page table without memory: it is taken to be at address 0, or not made. */
  readonly missingPageTables: "taken-to-be-at-0" | "refused";
  /** What `malloc` does where the allocator that serves it has nothing: it asserts, or gives NULL. */
  readonly mallocWithoutMemory: "is-asserted" | "gives-null";
  /** What a size gives that wraps round with its alignment, or when it is rounded up to pages. */
  readonly wrappingMallocSizes: "give-small-blocks" | "give-null";
  /** How many pages `vmap` maps: as many as the size has, or as many as the range touches. */
  readonly vmapCovers: "the-size-alone" | "the-whole-range";
}
