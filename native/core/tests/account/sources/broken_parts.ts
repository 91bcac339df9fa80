import { Pot, lid from './pot';
import { tea } from './tea';

export class Kitchen {
  private pot = new Pot(;

  brew(type: string, get: number) {
    return `${tea} of ${type + get +}`;
  }

  serve(): void {
    this.brew(tea.name, 1);
  }
}

interface Cup {
  size: number number;
  of: Kitchen;
}
