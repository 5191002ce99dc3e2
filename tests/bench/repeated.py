"""How many planted copies 文字比对 finds in generated Chinese paragraphs, how many own sentences it takes for copies,
and what one submission costs.

Not of the suite; no database:

    python -m tests.bench.repeated            # the seed is printed; another one: SEED=7 python -m tests.bench.repeated
"""

import os
import random
from time import process_time

from reform.quality.repeated import LEAST_LENGTH, MOST_CANDIDATES, compare

SEED = int(os.environ.get("SEED", "20261128"))
TEXTS = int(os.environ.get("TEXTS", "400"))

WHO = "市级专班 牵头部门 相关区县 行业主管部门 市场监管局 政务服务中心 试点街道 国有企业 高校院所 基层医院".split()
WHEN = "本月上旬 本月中旬 本月下旬 月初 月末 近期 主汛期前 开学前 国庆节后 半年总结会后".split()
FIELD = (
    "工业用地 数据要素 医保支付 义务教育 营商环境 农村宅基地 科技成果 社区养老 生活垃圾 知识产权 跨境电商 水权".split()
)
MATTER = "出让 登记 结算 集团化办学 评价 有偿退出 先使用后付费 服务 分类 质押融资 通关 交易 监管 招引 风险处置".split()
DOES = "组织召开 制定印发 实地调研 逐项梳理 修订完善 联合开展 全面上线 分批启动 公开发布 集中评审 试点运行".split()
THING = "专题推进会 实施细则 难点堵点 工作台账 操作指引 系统联调 业务培训 首批清单 专家论证 考核办法 合作协议".split()
BRINGS = "压缩 减少 形成 推动解决 明确 服务 打通 带动 提升 建立 巩固 扩大".split()
GOOD = "办理时限 申请材料 可复制做法 三个难题 职责分工 中小企业 共享堵点 社会资本 群众满意度 长效机制 试点成效".split()
SHAPES = [
    "{when}，{who}围绕{what}{did}，{result}。",
    "针对{what}中的突出问题，{who}{did}，{result}。",
    "{did}，由{who}牵头推进{what}，{when}{result}。",
    "{what}方面，{who}已{did}，涉及{number}家单位，{result}。",
    "{when}完成{what}阶段任务，{who}{did}{number}次，力争{result}。",
]


def pair(chance, first, second):
    return chance.choice(first) + chance.choice(second)


def sentence(chance):
    return chance.choice(SHAPES).format(
        who=chance.choice(WHO), when=chance.choice(WHEN), what=pair(chance, FIELD, MATTER),
        did=pair(chance, DOES, THING), result=pair(chance, BRINGS, GOOD), number=chance.randint(2, 90),
    )  # fmt: skip


def altered(chance, text):
    """A copy as people make them: as it is, with other figures, with a word more, less or exchanged."""
    way = chance.randrange(5)
    if way == 1:
        return "".join(str(chance.randrange(10)) if letter.isdigit() else letter for letter in text)
    if way == 2:
        return "同时，" + text
    if way == 3:
        place = chance.randrange(len(text) - 3)
        return text[:place] + text[place + 2 :]
    if way == 4:
        return text.replace(next((when for when in WHEN if when in text), "，"), chance.choice(WHEN), 1)
    return text


def main():
    chance = random.Random(SEED)
    planted = recalled = own = false = 0  # sentences
    seconds = []
    for _ in range(TEXTS):
        earlier = [[sentence(chance) for _ in range(chance.randint(4, 12))] for _ in range(MOST_CANDIDATES)]
        known = {line for lines in earlier for line in lines}
        written = []
        for _ in range(chance.randint(4, 12)):
            if chance.random() < 0.4:
                written.append((altered(chance, chance.choice(chance.choice(earlier))), True))
            else:
                line = sentence(chance)
                while line in known:
                    line = sentence(chance)
                written.append((line, False))
        candidates = [("".join(lines), number) for number, lines in enumerate(earlier)]
        begun = process_time()
        found = compare("".join(line for line, _ in written), candidates)
        seconds.append(process_time() - begun)
        marked = {segment.text for segment in found.segments if segment.source is not None}
        for line, is_copy in written:
            hit = any(line in one or one in line for one in marked)
            planted, recalled = planted + is_copy, recalled + (is_copy and hit)
            own, false = own + (not is_copy), false + (hit and not is_copy)
    seconds.sort()
    say(f"seed {SEED}, {TEXTS} texts, {MOST_CANDIDATES} earlier ones each, sentences from {LEAST_LENGTH} characters on")
    say(f"| planted copies found | {planted} | **{recalled / planted:.1%}** (wanted: ≥95 %) |")
    say(f"| own sentences taken for copies | {own} | **{false / own:.1%}** |")
    say(
        f"| processor time of one text | {TEXTS} | median {seconds[TEXTS // 2] * 1000:.1f} ms, "
        f"longest {seconds[-1] * 1000:.1f} ms (wanted: ≤50 ms) |"
    )


def say(sentence):
    print(sentence)  # noqa: T201 - to whoever runs it


if __name__ == "__main__":
    main()
