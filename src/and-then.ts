/** Goes on at once where there is nothing to wait for: what is sent in the same tick is under way while others go on. */
export function andThen<T, U>(value: T | PromiseLike<T>, next: (value: T) => U | PromiseLike<U>): U | PromiseLike<U> {
    return isThenable(value) ? Promise.resolve(value).then(next) : next(value);
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
    return typeof (Object(value) as PromiseLike<T>).then === 'function';
}
