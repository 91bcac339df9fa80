import { Button, Menu } from './ui';
export default function Page({ items }) {
  return <Menu.List render={() => <Button label={items} />} {...items}><div>{items.length}</div></Menu.List>;
}
