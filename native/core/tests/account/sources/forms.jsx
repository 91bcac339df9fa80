import Thing, { Other } from './thing'
const spread = { a: 1 }
export default function View({ children, ...props }) {
  return (
    <>
      <div className="box" data-id={props.id} aria-label='x' xlink:href="#y" {...spread} hidden key="title" style={{ color: red, ['a']: b }}>
        text is no code: it's {props.text} &nbsp; {/* nor this */} {...children}
        <Thing.Inner.Deep onClick={event => event.target.value} render={<Other as="b" />} if={null} class='c'>
          {list.map(item => <li key={item.id}>{item.name}</li>)}
        </Thing.Inner.Deep>
        <svg:path d="M0 0" xml:lang="en"></svg:path>
        <my-element some-attribute={function named() { return <b /> }}></my-element>
        <this.Part of={this} />
        <Other a={`t ${props.u}`} b="&quot;" c={<></>} d=<i>e</i> />
      </div>
      {props.ok ? <a>b</a> : props.no && <Other.c />}
    </>
  )
}
const less = a < b && c > d, tag = <input disabled />, $ = <$ />, _ = <_.$ />
