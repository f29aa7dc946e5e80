/** What an object has itself: nothing of what somebody may have put into `Object.prototype`. */
export function ownOf<T extends object>(given: T): T {
    return Object.assign(Object.create(null) as T, given);
}

/** A field, be it one of a class, but none that is in `Object.prototype` alone. */
export function fieldOf<T extends object, Name extends keyof T>(given: T, name: Name): T[Name] | undefined {
    return name in Object.prototype && !Object.hasOwn(given, name) ? undefined : given[name];
}
