/** Something in the making. Its optional parts are added one by one: spread objects keep the garbage collector busy. */
export type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
