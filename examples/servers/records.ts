export type UnknownRecord = Record<string, unknown>;

/** asRecord is empty for what is no object. */
export function asRecord(value: unknown): UnknownRecord {
    return typeof value === 'object' && value !== null ? { ...value } : {};
}
