/**
 * Who wrote which bytes: for those who explain what a call did.
 *
 * @module
 */

/**
 * Somebody who is told of each write before it is made, whether it succeeds or not.
 *
 * @param address the physical address of the first byte
 * @param sizeBytes how many bytes
 * @param by the function of the modelled code, or of the scenario, that writes
 */
export type WriteWitness = (address: bigint, sizeBytes: bigint, by: string) => void;
