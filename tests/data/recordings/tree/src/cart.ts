export interface Item {
  name: string;
  cents: number;
}

export class Cart {
  private items: Item[] = [];

  add(item: Item): Cart {
    this.items.push(item.label);
    return this;
  }

  total(): string {
    return this.items.reduce((sum, item) => sum + item.cents, 0);
  }
}

const wide = '𝒳𝒴'; export const broken: number = wide;

export function empty(): Cart {
  return new Cart(1);
}
